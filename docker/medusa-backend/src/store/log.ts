/** A line as Medusa's own logger writes them in production. */
export function log(level: "info" | "warn" | "error", message: string) {
  console.log(JSON.stringify({ level, message, timestamp: new Date().toISOString().slice(0, 19).replace("T", " ") }))
}
