package import Logging
import Postgres
package import StoreDomain

/// What triggers tell as rows are written. It only says where to look: those who missed something read the rows.
package enum News: Sendable, Equatable {
    /// From now on all is told; what was told before is lost.
    case resynchronise
    /// The row of a store.
    case store(StoreID)
    /// What else is shown of a store: its objects, its release.
    case detail(StoreID)
    case buildLog(StoreID)
    /// A chunk of a pod's log came, for the request of this id.
    case podLog(String)
    /// An API asks for a pod's log.
    case podLogRequest
    /// A worker of this name is to take no jobs, or may again.
    case drain(String)
    /// A running job is to be cancelled.
    case cancel(JobID)

    /// What one may listen to; PostgreSQL's names of the channels.
    package enum Topic: String, Sendable {
        /// Stores and all that is shown of them.
        case changes = "store_changes"
        case podLogRequests = "log_requests"
        case drains = "worker_drains"
        case cancels = "job_cancels"
    }

    /// `nil`: another version's.
    fileprivate init?(_ topic: Topic, _ payload: String) {
        switch topic {
        case .podLogRequests: self = .podLogRequest
        case .drains: self = .drain(payload)
        case .cancels:
            guard let job = JobID(payload) else { return nil }
            self = .cancel(job)
        case .changes:
            let subject = String(payload.dropFirst(2))
            switch (payload.prefix(2), StoreID(subject)) {
            case ("s:", let store?): self = .store(store)
            case ("d:", let store?): self = .detail(store)
            case ("l:", let store?): self = .buildLog(store)
            case ("c:", _): self = .podLog(subject)
            default: return nil
            }
        }
    }
}

extension StoreRecords {
    /// Listens on a connection of its own, through restarts of the server, until the task is cancelled.
    package func listen(to topics: News.Topic..., logger: Logger, _ body: (News) async -> Void) async {
        let listener = PostgresListener(configuration: pool.configuration, channels: topics.map(\.rawValue), logger: logger)
        await listener.run { event in
            switch event {
            case .resynchronise: await body(.resynchronise)
            case .notification(let notification):
                if let topic = News.Topic(rawValue: notification.channel), let news = News(topic, notification.payload) { await body(news) }
            }
        }
    }
}
