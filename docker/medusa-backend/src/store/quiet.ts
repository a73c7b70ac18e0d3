/** What a client says when its server cannot be reached. */
const UNREACHABLE = new Set(["EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EPIPE", "ETIMEDOUT"])

/**
 * BullMQ and ioredis print the stack of every failed attempt to connect, hundreds of lines a second while Redis is away. `Health` says once that it
 * went and once that it came back; that is enough.
 */
export function quietConnections(): void {
  const print = console.error
  console.error = (...words: unknown[]) => {
    if (!words.some(isUnreachable)) print(...words)
  }
}

function isUnreachable(word: unknown): boolean {
  if (word instanceof Error) return UNREACHABLE.has((word as NodeJS.ErrnoException).code ?? "")
  return typeof word === "string" && word.startsWith("[ioredis] Unhandled error event")
}
