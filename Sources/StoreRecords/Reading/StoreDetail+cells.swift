import Postgres
import StoreDomain

extension StoreDetail {
    /// What follows a store's columns, of `stores s`, `store_snapshots n` and `store_releases r`. What may be several rows, or need not be there, comes from
    /// subqueries: a join is set up for every call.
    static let columns = """
        n.resource_kinds, n.resource_names, n.resource_statuses, n.resource_replicas, n.resources_made_at,
        n.event_times, n.event_kinds, n.event_messages, n.quotas, n.volume_names, n.volume_used, n.volume_sizes,
        r.manifest, r.secret_names, r.secrets_made_at,
        (SELECT row(j.id, j.kind, j.state, j.attempt, j.error) FROM jobs j WHERE j.store_id = s.id AND j.kind <> 'backup'
         ORDER BY j.id DESC LIMIT 1),
        ARRAY(SELECT row(e.at, e.kind, e.message) FROM store_events e WHERE e.store_id = s.id AND e.source = 'worker' ORDER BY e.id DESC LIMIT 100)
        """

    init(_ cells: PostgresCells) throws {
        let next = StoreColumn.count
        self.init(
            store: try Store(StoreRowView(cells)),
            snapshot: try ClusterView(cells, from: next),
            release: try ReleaseRecord(cells, from: next + 12),
            // They come newest first.
            events: try cells[next + 16].array.reversed().map { try StoreEvent($0.record) },
            job: try JobSummary(cells[next + 15].record)
        )
    }
}

extension ClusterView {
    /// `nil` before the watcher looked.
    fileprivate init?(_ cells: PostgresCells, from first: Int) throws {
        guard !cells[first].isNull else { return nil }
        func array(_ place: Int, of count: Int) throws -> [PostgresCell] {
            let array = try cells[first + place].array
            guard array.count == count else { throw StoreRecordsError(code: .unreadableRow, message: "a snapshot's columns do not agree") }
            return array
        }
        let kinds = try cells[first].array
        let (names, statuses) = (try array(1, of: kinds.count), try array(2, of: kinds.count))
        let (replicas, made) = (try array(3, of: kinds.count), try array(4, of: kinds.count))
        resources = try kinds.indices.map { place in
            guard let status = statuses[place].word(as: ResourceSummary.Status.self) else {
                throw StoreRecordsError(code: .unreadableRow, message: "an object of a namespace has an unreadable status")
            }
            return ResourceSummary(
                kind: try kinds[place].requiredText,
                name: try names[place].requiredText,
                status: status,
                replicas: replicas[place].text,
                createdAt: try made[place].requiredDate
            )
        }
        let times = try cells[first + 5].array
        let (eventKinds, messages) = (try array(6, of: times.count), try array(7, of: times.count))
        events = try times.indices.map { try StoreEvent(at: times[$0], kind: eventKinds[$0], message: messages[$0]) }
        let quotas = try array(8, of: 6).map { $0.text ?? "0" }
        self.quotas = QuotaUsage(
            cpuUsed: quotas[0],
            cpuLimit: quotas[1],
            memUsed: quotas[2],
            memLimit: quotas[3],
            pvcUsed: quotas[4],
            pvcLimit: quotas[5]
        )
        let volumes = try cells[first + 9].array
        let (used, sizes) = (try array(10, of: volumes.count), try array(11, of: volumes.count))
        self.volumes = try volumes.indices.map { place in
            guard let name = volumes[place].word(as: VolumeUsage.Volume.self),
                let volume = VolumeUsage(name, used: Int64(try used[place].integer), size: Int64(try sizes[place].integer))
            else { throw StoreRecordsError(code: .unreadableRow, message: "a volume's use is unreadable") }
            return volume
        }
    }
}

extension ReleaseRecord {
    /// `nil` before the release was installed.
    fileprivate init?(_ cells: PostgresCells, from first: Int) throws {
        let (names, made) = (cells[first + 1], try cells[first + 2].array)
        guard !names.isNull else { return nil }
        self.init(
            manifest: cells[first].text,
            secrets: try zip(names.array, made).map { name, made in
                ResourceSummary(kind: "Secret", name: try name.requiredText, status: .active, createdAt: try made.requiredDate)
            }
        )
    }
}

extension StoreEvent {
    fileprivate init(at time: PostgresCell, kind: PostgresCell, message: PostgresCell) throws {
        guard let kind = kind.word(as: Kind.self) else { throw StoreRecordsError(code: .unreadableRow, message: "an event is unreadable") }
        self.init(timestamp: try time.requiredDate, message: try message.requiredText, kind: kind)
    }

    /// Of time, kind and message.
    fileprivate init(_ record: [PostgresCell]) throws {
        guard record.count == 3 else { throw StoreRecordsError(code: .unreadableRow, message: "an event is unreadable") }
        try self.init(at: record[0], kind: record[1], message: record[2])
    }
}

extension JobSummary {
    /// Of id, kind, state, attempt and error; `nil` where there is none of them.
    fileprivate init?(_ record: [PostgresCell]) throws {
        guard record.count == 5 else { return nil }
        let number = try record[0].integer
        guard let id = JobID(Int64(number)), let kind = record[1].word(as: JobKind.self), let state = record[2].word(as: JobState.self)
        else {
            throw StoreRecordsError(code: .unreadableRow, message: "job \(number) is unreadable")
        }
        self.init(id: id, kind: kind, state: state, attempt: try record[3].integer, error: record[4].text)
    }
}
