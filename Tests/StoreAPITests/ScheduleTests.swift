import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import StoreDomain
import Testing

@Suite struct ScheduleTests {
    private typealias World = ChangeTests.World

    private static let schedule = #"{"awakeSchedule":"Mo,Tu,We-Fr 08:00-20:00 Europe/Berlin"}"#

    private func spec(_ world: World) async throws -> [String: Any] {
        try #require(try await ChangeTests.get(world.client, world.path).store["spec"] as? [String: Any])
    }

    @Test("a schedule is shown in one form, and is neither a generation nor a job; null takes it away") func alone() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            #expect(try await spec(world)["awakeSchedule"] is NSNull)
            let answer = try await world.patch(Self.schedule, ifMatch: "\"1\"")
            #expect(answer.status == .ok && answer.object["message"] as? String == "Schedule changed")
            #expect(answer.store["generation"] as? Int == 1 && answer.store["activity"] is NSNull)
            #expect(try await spec(world)["awakeSchedule"] as? String == "Mo-Fr 08:00-20:00 Europe/Berlin")
            let again = try await world.patch(#"{"awakeSchedule":"Mo-Fr 08:00-20:00 Europe/Berlin"}"#)
            #expect(again.status == .ok && again.object["message"] as? String == "Nothing to change: the store is as asked for")
            #expect(try await world.patch(#"{"awakeSchedule":null}"#).object["message"] as? String == "Schedule changed")
            #expect(try await spec(world)["awakeSchedule"] is NSNull)
            #expect(try await api.pool.query("SELECT id FROM jobs WHERE state = 'queued'").isEmpty)
            let next = try await api.pool.query("SELECT schedule_next_at FROM stores")
            #expect(try next.map { try $0["schedule_next_at"] as Date? } == [nil])
        }
    }

    @Test("with other fields a schedule is accepted or refused together with them") func together() async throws {
        try await withAPI(["MAX_UNITS_PER_USER": "3"]) { client, api in
            let world = try await World(client, api)
            let both = #"{"plan":"large","awakeSchedule":"Mo 08:00-09:00 UTC"}"#
            #expect(try await world.patch(both).status == .tooManyRequests)
            #expect(try await world.patch(Self.schedule, ifMatch: "7").status == .preconditionFailed)
            #expect(try await spec(world)["awakeSchedule"] is NSNull)
            let sleeping = try await world.patch(#"{"asleep":true,"awakeSchedule":"Mo 08:00-09:00 UTC"}"#)
            #expect(sleeping.status == .accepted && sleeping.store["generation"] as? Int == 2)
            #expect(try await spec(world)["awakeSchedule"] as? String == "Mo 08:00-09:00 UTC")
        }
    }

    @Test("a store that is not ready can be given a schedule") func failed() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            try await api.execute("UPDATE stores SET status = 'failed'")
            let answer = try await world.patch(Self.schedule)
            #expect(answer.status == .ok && answer.store["status"] as? String == "failed")
        }
    }
}
