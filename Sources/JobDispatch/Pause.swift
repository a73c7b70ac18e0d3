import ServiceLifecycle

/// Waits between two looks of a service: for that long, or until the program is to end.
package func pause(for time: Duration) async {
    await cancelWhenGracefulShutdown {
        do { try await Task.sleep(for: time) } catch { return }
    }
}
