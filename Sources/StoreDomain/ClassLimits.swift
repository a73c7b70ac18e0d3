/// How many jobs of each class may run at once in the whole installation.
package struct ClassLimits: Sendable, Equatable {
    package var interactive: Int
    package var background: Int

    package init(interactive: Int = 3, background: Int = 3) {
        self.interactive = interactive
        self.background = background
    }

    /// `nil`: as many as there are. A deletion frees what others wait for.
    package subscript(jobClass: JobClass) -> Int? {
        switch jobClass {
        case .delete: nil
        case .interactive: interactive
        case .background: background
        }
    }
}
