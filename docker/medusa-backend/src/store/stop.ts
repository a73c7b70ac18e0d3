import type { ChildProcess } from "node:child_process"

/** As process 1 a program ignores TERM unless it says what to do. Until a server is there to be closed, both signals end it at once, unfinished. */
let stop: (signal: NodeJS.Signals) => void = () => process.exit(143)
const children = new Set<ChildProcess>()

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill("SIGKILL")
    stop(signal)
  })
}

/** What the signals do from now on. */
export function onStop(handler: typeof stop) {
  stop = handler
}

/** A child that does not outlive a signal to this process. */
export function endsWithUs(child: ChildProcess) {
  children.add(child)
  child.once("close", () => children.delete(child))
}
