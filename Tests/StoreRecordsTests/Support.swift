import StoreDomain
import StoreRecords
import TestSupport
import Testing

extension StoreRecords {
    /// A store that was accepted, and its job.
    func accepted(_ name: String, owner: String? = "ada", limits: StoreLimits = roomy) async throws -> (Store, JobDescriptor) {
        let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: owner.flatMap { UserID($0) })
        guard case .accepted(let store, let descriptor) = try await create(request, limits: limits) else {
            throw TestSupportError(message: "\(name) was not accepted")
        }
        return (store, descriptor)
    }

    func claimed(_ descriptor: JobDescriptor, worker: String = "w1", times: LeaseTimes = LeaseTimes()) async throws -> Claim {
        guard case .claimed(let claim) = try await claim(descriptor, worker: worker, times: times, limits: ClassLimits(interactive: 1_000))
        else {
            throw TestSupportError(message: "job \(descriptor.id) was not claimed")
        }
        return claim
    }
}

let roomy = StoreLimits(total: 1_000, perUser: 1_000)
let tester = Operator(name: "tests", source: .api)
