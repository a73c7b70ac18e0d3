import Synchronization

/// Sends what is asked while a call is under way in one call afterwards. What is asked while none is, goes at once: nobody waits for company.
package final class CallBatcher<Request: Sendable, Answer: Sendable>: Sendable {
    /// Somebody who waits for an answer.
    package struct Caller: Sendable {
        package let request: Request
        private let continuation: CheckedContinuation<Answer, any Error>

        fileprivate init(request: Request, continuation: CheckedContinuation<Answer, any Error>) {
            self.request = request
            self.continuation = continuation
        }

        package func resume(with answer: Result<Answer, any Error>) { continuation.resume(with: answer) }
    }

    private struct State {
        var waiting: [Caller] = []
        var isCalling = false
    }

    private let most: Int
    private let call: @Sendable ([Request]) async throws -> [Answer]
    private let isOneCallersFault: @Sendable (any Error) -> Bool
    private let state = Mutex(State())

    /// `call`: answers in the order of its requests, which are `most` at most. `isOneCallersFault`: whether a group that failed so is to be asked
    /// again, each for itself.
    package init(
        atMost most: Int,
        isOneCallersFault: @escaping @Sendable (any Error) -> Bool = { _ in false },
        _ call: @escaping @Sendable ([Request]) async throws -> [Answer]
    ) {
        self.most = most
        self.isOneCallersFault = isOneCallersFault
        self.call = call
    }

    /// How many requests are not under way yet.
    package var waiting: Int { state.withLock { $0.waiting.count } }

    /// Goes on when its task is cancelled: what is under way for others is not to be broken off.
    package func callAsFunction(_ request: Request) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let begins = state.withLock { state in
                state.waiting.append(Caller(request: request, continuation: continuation))
                defer { state.isCalling = true }
                return !state.isCalling
            }
            // Detached: the group is nobody's trace.
            if begins { Task.detached { await self.work() } }
        }
    }

    /// Those whose request is not under way yet, for somebody who makes the call in another way and resumes each.
    package func takeWaiting() -> [Caller] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(most))
            state.waiting.removeFirst(taken.count)
            return taken
        }
    }

    private func work() async {
        while true {
            let group = state.withLock { state in
                let group = Array(state.waiting.prefix(most))
                state.waiting.removeFirst(group.count)
                state.isCalling = !group.isEmpty
                return group
            }
            guard !group.isEmpty else { return }
            await answer(group)
        }
    }

    private func answer(_ group: [Caller]) async {
        do {
            let answers = try await call(group.map(\.request))
            guard answers.count == group.count else { throw CallBatchError(asked: group.count, answered: answers.count) }
            for (caller, answer) in zip(group, answers) { caller.resume(with: .success(answer)) }
        } catch  where group.count > 1 && isOneCallersFault(error) {
            for caller in group { await answer([caller]) }
        } catch {
            for caller in group { caller.resume(with: .failure(error)) }
        }
    }
}

struct CallBatchError: Error, CustomStringConvertible {
    let asked: Int
    let answered: Int

    var description: String { "\(asked) requests were sent together, and \(answered) were answered" }
}
