package import struct Foundation.Date

/// Why a backup was taken.
package enum BackupKind: String, Sendable, CaseIterable, Codable {
    /// Somebody asked for it.
    case manual
    case nightly
    /// Before a change that may lose data.
    case preChange = "pre-change"
    /// Before the store was deleted.
    case final
}

/// `running` also while its job is queued.
package enum BackupStatus: String, Sendable, CaseIterable, Codable { case running, done, failed }

/// A dump of a store's database and its uploads, as they were at one time.
package struct Backup: Sendable, Equatable {
    package var id: BackupID
    /// Whose repository has it.
    package var store: StoreID
    package var kind: BackupKind
    package var status: BackupStatus
    package var createdAt: Date
    package var finishedAt: Date?
    /// Of one that is done.
    package var contents: BackupContents?
    /// Of one that failed.
    package var failure: BackupFailure?
    /// When it was last shown that a store can be made of it.
    package var verifiedAt: Date?
    /// Why none could be made of it the last time that it was tried.
    package var verifyError: String?
    /// Why the last test of that could not be made; it says nothing of the backup. `nil`: it was made, or there was none.
    package var untested: String?
    /// What the store ran when it was taken.
    package var engineVersion: String?
    package var chartVersion: ChartVersion?
    /// `StoreSpec.adminRevision` of then: the dump has the administrator's password of that revision.
    package var adminRevision: Int
    /// The storefront's host of then: the dump has addresses with it.
    package var host: String?

    package init(
        id: BackupID,
        store: StoreID,
        kind: BackupKind,
        status: BackupStatus,
        createdAt: Date,
        finishedAt: Date? = nil,
        contents: BackupContents? = nil,
        failure: BackupFailure? = nil,
        verifiedAt: Date? = nil,
        verifyError: String? = nil,
        untested: String? = nil,
        engineVersion: String? = nil,
        chartVersion: ChartVersion? = nil,
        adminRevision: Int = 0,
        host: String? = nil
    ) {
        self.id = id
        self.store = store
        self.kind = kind
        self.status = status
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.contents = contents
        self.failure = failure
        self.verifiedAt = verifiedAt
        self.verifyError = verifyError
        self.untested = untested
        self.engineVersion = engineVersion
        self.chartVersion = chartVersion
        self.adminRevision = adminRevision
        self.host = host
    }
}

/// What a keeper saved.
package struct BackupContents: Sendable, Equatable {
    /// The repository's name of the dump.
    package var snapshot: String
    /// Of the uploads; `nil` where the store has none of its own.
    package var files: String?
    package var databaseBytes: Int64
    package var fileBytes: Int64
    /// What the repository grew by.
    package var addedBytes: Int64
    /// As they were counted when the dump began.
    package var products: Int
    package var orders: Int
    /// When it had ended, where the store was used meanwhile and may have had others; the dump has what there was at some moment between.
    package var productsAfter: Int?
    package var ordersAfter: Int?

    package init(
        snapshot: String,
        files: String?,
        databaseBytes: Int64,
        fileBytes: Int64,
        addedBytes: Int64,
        products: Int,
        orders: Int,
        productsAfter: Int? = nil,
        ordersAfter: Int? = nil
    ) {
        self.snapshot = snapshot
        self.files = files
        self.databaseBytes = databaseBytes
        self.fileBytes = fileBytes
        self.addedBytes = addedBytes
        self.products = products
        self.orders = orders
        self.productsAfter = productsAfter
        self.ordersAfter = ordersAfter
    }

    /// Whether a database that was loaded from the dump has as many as it should have.
    package func admits(products: Int, orders: Int) -> Bool {
        func spans(_ first: Int, _ last: Int?, _ found: Int) -> Bool {
            (min(first, last ?? first)...max(first, last ?? first)).contains(found)
        }
        return spans(self.products, productsAfter, products) && spans(self.orders, ordersAfter, orders)
    }
}

/// Why a backup was not made.
package struct BackupFailure: Error, Sendable, Equatable {
    /// A word for programs, e.g. `vault-away`.
    package var code: String
    /// For people.
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
