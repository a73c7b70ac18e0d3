package import StoreDomain

/// What the provisioner is told of backups.
package struct KeeperSettings: Sendable {
    package var vault: VaultAddress
    /// The keeper's image with its registry and tag.
    package var image: String
    /// Of one task.
    package var timeLimit: Duration
    /// How long its pod may take to begin.
    package var startLimit: Duration
    /// Lets a task in at a folder of the vault; `nil`: nobody is let in there.
    package var token: @Sendable (VaultFolder, KeeperTask.Right) -> SecretText?

    package init(
        vault: VaultAddress,
        image: String,
        timeLimit: Duration = .seconds(3600),
        startLimit: Duration = .seconds(180),
        token: @escaping @Sendable (VaultFolder, KeeperTask.Right) -> SecretText?
    ) {
        self.vault = vault
        self.image = image
        self.timeLimit = timeLimit
        self.startLimit = startLimit
        self.token = token
    }
}
