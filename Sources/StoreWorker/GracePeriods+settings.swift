import Configuration
import Observation
import Program

extension GracePeriods {
    /// Reads `GRACE_…` and `INGRESS_…_REQUIRED`; see `WorkerSettings`.
    init(reader: ConfigReader) throws {
        func seconds(_ key: ConfigKey, _ standard: Duration) throws -> Duration {
            .seconds(try reader.number(key, default: Int(standard.components.seconds), in: 0...86_400))
        }
        self.init()
        imagePull = try seconds("grace.image.pull.seconds", imagePull)
        configuration = try seconds("grace.configuration.seconds", configuration)
        unschedulable = try seconds("grace.unschedulable.seconds", unschedulable)
        refusal = try seconds("grace.refusal.seconds", refusal)
        volume = try seconds("grace.volume.seconds", volume)
        unserved = try seconds("grace.unserved.seconds", unserved)
        crashes = try reader.number("grace.crashes", default: crashes, in: 1...100)
        needsAddress = try reader.flag("ingress.address.required", default: true)
        needsCertificate = try reader.flag("ingress.certificate.required", default: true)
        degraded = try seconds("grace.degraded.seconds", degraded)
    }
}
