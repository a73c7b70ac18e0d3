import { extname } from "node:path"
import type { Express, Request, RequestHandler, Response } from "express"
import { isStaging, storeUrl } from "../lib/settings"
import type { Health } from "./health"
import { storage } from "./storage"

/** Files that a browser may show from the store's own address. An SVG is a document with scripts. */
const SHOWN = new Set([".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".m4v", ".mov", ".mp4", ".ogv", ".pdf", ".png", ".webm", ".webp"])

/** What stands before Medusa's own routes. */
export function guard(app: Express, health: Health): void {
  app.disable("x-powered-by")
  if (isStaging()) app.use(unindexed)
  app.get("/-/live", (_, response) => { response.type("text").send("ok\n") })
  app.get("/-/ready", async (_, response) => {
    const away = await health.check()
    if (away.length > 0) comeAgain(response, away)
    else response.type("text").send("ok\n")
  })
  app.get("/-/storage", storage(health))
  app.use(trustedScheme)
  app.use(shed(health))
  app.use("/static", uploads)
}

const unindexed: RequestHandler = (_, response, next) => {
  response.set("X-Robots-Tag", "noindex, nofollow")
  next()
}

/** The proxies before us may tell any scheme or none; what visitors use is a setting. */
const trustedScheme: RequestHandler = (request, _, next) => {
  request.headers["x-forwarded-proto"] = storeUrl().split(":", 1)[0]
  next()
}

/** Refuses at once what would wait for a server that is away. */
function shed(health: Health): RequestHandler {
  return async (request: Request, response, next) => {
    const away = request.path === "/health" ? [] : await health.check()
    if (away.length > 0) comeAgain(response, away)
    else next()
  }
}

function comeAgain(response: Response, away: string[]): void {
  response.status(503).set("Retry-After", "5").json({ type: "unavailable", message: `The store cannot answer just now: ${away.join(" and ")} is away` })
}

/** Whoever may upload must not be able to run scripts with the owner's session: all but pictures, films and PDFs is saved, not shown. */
const uploads: RequestHandler = (request, response, next) => {
  response.set("X-Content-Type-Options", "nosniff")
  if (!SHOWN.has(extname(decoded(request.path)).toLowerCase())) {
    response.set("Content-Disposition", "attachment").set("Content-Security-Policy", "sandbox; default-src 'none'")
  }
  next()
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ""
  }
}
