import Configuration
import Observation
import Program

extension Patience {
    /// Reads `PATIENCE_…` and `INGRESS_…_REQUIRED`; see `WorkerSettings`.
    init(reader: ConfigReader) throws {
        func seconds(_ key: ConfigKey, _ standard: Duration) throws -> Duration {
            .seconds(try reader.number(key, default: Int(standard.components.seconds), in: 0...86_400))
        }
        self.init()
        imagePull = try seconds("patience.image.pull.seconds", imagePull)
        configuration = try seconds("patience.configuration.seconds", configuration)
        unschedulable = try seconds("patience.unschedulable.seconds", unschedulable)
        refusal = try seconds("patience.refusal.seconds", refusal)
        volume = try seconds("patience.volume.seconds", volume)
        unserved = try seconds("patience.unserved.seconds", unserved)
        crashes = try reader.number("patience.crashes", default: crashes, in: 1...100)
        needsAddress = try reader.flag("ingress.address.required", default: true)
        needsCertificate = try reader.flag("ingress.certificate.required", default: true)
        degraded = try seconds("patience.degraded.seconds", degraded)
    }
}
