import Foundation
import Postgres
package import StoreDomain

/// What an attempt writes while it works. Each write is one statement that PostgreSQL refuses once the lease is lost.
extension StoreRecords {
    /// The step is done; a failure recorded for it is forgotten. Completing it again changes nothing.
    package func complete(_ step: ProvisioningStep, under claim: Claim) async throws {
        let column = SQL(unsafe: step.column.name)
        try await fenced(
            claim,
            """
            UPDATE stores SET \(column) = coalesce(\(column), clock_timestamp()),
                failed_step = nullif(failed_step, \(step.rawValue)),
                failed_step_error = CASE failed_step WHEN \(step.rawValue) THEN NULL ELSE failed_step_error END,
                fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND \(held(claim)) RETURNING 1
            """
        )
    }

    package func fail(_ step: ProvisioningStep, error: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            UPDATE stores SET failed_step = \(step.rawValue), failed_step_error = \(error.plain(atMost: Self.messageLimit)), fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND \(held(claim)) RETURNING 1
            """
        )
    }

    /// A line of the attempt's build log; `text` longer than 2,000 bytes is cut.
    package func append(
        _ text: String,
        kind: StoreEvent.Kind,
        stage: BuildStage?,
        source: BuildSource,
        under claim: Claim
    ) async throws {
        try await fenced(
            claim,
            """
            INSERT INTO store_events (store_id, kind, message, job_id, fence, stage, source)
            SELECT \(claim.store.id.rawValue), \(kind.rawValue), \(text.plain(atMost: 2_000)), \(claim.descriptor.id.rawValue),
                   \(claim.fence.number), \(stage?.rawValue), \(source.rawValue)
            WHERE \(held(claim)) RETURNING 1
            """
        )
    }

    /// The change failed, and the store is to get back what it had: a successor of the attempt goes on with that. `spec`: what that is. What cannot
    /// go back stays as the change made it: a larger volume, and a password that a pod may have taken.
    package func goBack(to spec: StoreSpec, after message: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH going AS (
                UPDATE jobs SET phase = CASE phase WHEN 'reopening' THEN phase ELSE 'going-back' END, error = \(message.plain(atMost: Self.messageLimit))
                WHERE id = \(claim.descriptor.id.rawValue) AND \(held(claim)) RETURNING 1)
            UPDATE store_specs SET admin_revision = \(spec.adminRevision), database_mib = \(spec.database?.mebibytes), uploads_mib = \(spec.uploads?.mebibytes)
            WHERE store_id = \(claim.store.id.rawValue) AND generation = \(claim.store.appliedGeneration) AND EXISTS (SELECT 1 FROM going)
            RETURNING 1
            """
        )
    }

    /// From now on the job is in that phase: a successor goes on with what the attempt began. `backup`: what the store goes back to, if it comes to that.
    package func enterPhase(_ phase: JobPhase, backup: BackupID? = nil, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH entered AS (
                UPDATE jobs SET phase = \(phase.rawValue), backup_id = coalesce(\(backup?.rawValue), backup_id)
                WHERE id = \(claim.descriptor.id.rawValue) AND cancel_requested_at IS NULL AND \(held(claim)) RETURNING store_id
            ), told AS (
                UPDATE stores SET closed = true WHERE id = (SELECT store_id FROM entered) AND \(phase == .closing))
            SELECT 1 FROM entered
            """
        )
    }

    /// The job is where it was before it entered a phase.
    package func leavePhase(under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH changed AS (
                UPDATE jobs SET phase = NULL WHERE id = \(claim.descriptor.id.rawValue) AND \(held(claim)) RETURNING store_id
            ), told AS (UPDATE stores SET closed = false WHERE id = (SELECT store_id FROM changed))
            SELECT 1 FROM changed
            """
        )
    }

    /// What the spec leaves open, as the attempt found it, and all values that the chart is installed with, as JSON. A volume may be larger than it was
    /// asked for, and passwords may have been renewed more often than the records know: then that is the spec.
    package func resolve(_ spec: StoreSpec, values: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH kept AS (
                UPDATE store_specs SET values = \(PostgresJSON(values))::jsonb, plan = \(spec.plan.rawValue), version = \(spec.version?.rawValue),
                    database_mib = \(spec.database?.mebibytes), uploads_mib = \(spec.uploads?.mebibytes), storage_class = \(spec.storageClass),
                    host = \(spec.host), admin_revision = greatest(admin_revision, \(spec.adminRevision))
                WHERE store_id = \(claim.store.id.rawValue) AND generation = \(claim.store.generation) AND \(held(claim)) RETURNING 1)
            UPDATE stores SET version = coalesce(version, \(spec.version?.rawValue)), database_mib = greatest(database_mib, \(spec.database?.mebibytes)),
                uploads_mib = greatest(uploads_mib, \(spec.uploads?.mebibytes)), storage_class = coalesce(storage_class, \(spec.storageClass)),
                host = CASE WHEN NOT verification THEN coalesce(host, \(spec.host)) END, plan = CASE generation WHEN \(claim.store.generation) THEN \(spec.plan.rawValue) ELSE plan END,
                admin_revision = greatest(admin_revision, \(spec.adminRevision)), fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND EXISTS (SELECT 1 FROM kept) RETURNING 1
            """
        )
    }

    /// What the release consists of, for the API to show; of a longer manifest the first MiB.
    package func save(_ release: ReleaseRecord, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            INSERT INTO store_releases (store_id, fence, manifest, secret_names, secrets_made_at)
            SELECT \(claim.store.id.rawValue), \(claim.fence.number), \(release.manifest?.plain(atMost: 1 << 20)),
                   \(release.secrets.map(\.name)), \(release.secrets.map(\.createdAt))
            WHERE \(held(claim))
            ON CONFLICT (store_id) DO UPDATE
                SET fence = excluded.fence, manifest = excluded.manifest,
                    secret_names = excluded.secret_names, secrets_made_at = excluded.secrets_made_at
            RETURNING 1
            """
        )
    }

    /// With what the store's owner signs in there, as it is kept.
    package func save(_ sealed: SealedText, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            INSERT INTO store_credentials AS c (store_id, key_id, sealed, fence)
            SELECT \(claim.store.id.rawValue), \(sealed.key), \(sealed.text), \(claim.fence.number) WHERE \(held(claim))
            ON CONFLICT (store_id) DO UPDATE
                SET key_id = excluded.key_id, sealed = excluded.sealed, fence = excluded.fence, sealed_at = clock_timestamp()
                WHERE c.fence <= excluded.fence
            RETURNING 1
            """
        )
    }

    /// Why the attempt fails: `cause` is a word such as `image-pull`, `evidence` JSON, kept as the cluster said it.
    package func record(cause: String, evidence: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH kept AS (
                UPDATE attempts SET cause = \(cause), evidence = \(PostgresJSON(evidence))::jsonb WHERE fence = \(claim.fence.number) AND \(held(claim)) RETURNING 1)
            UPDATE stores SET failure_cause = \(cause), fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND EXISTS (SELECT 1 FROM kept) RETURNING 1
            """
        )
    }

    func held(_ claim: Claim) -> SQL {
        "holds_lease(\(claim.descriptor.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID))"
    }

    func fenced(_ claim: Claim, _ sql: SQL) async throws {
        try require(!(try await pool.query(sql)).isEmpty, claim)
    }

    /// Throws `LeaseLost` unless a write found the attempt's fence as it was.
    func require(_ held: Bool, _ claim: Claim) throws {
        guard !held else { return }
        Self.countFenced("write")
        throw LeaseLost(reason: "PostgreSQL refused a write of job \(claim.descriptor.id) under fence \(claim.fence)")
    }
}
