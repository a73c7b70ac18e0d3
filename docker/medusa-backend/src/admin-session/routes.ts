import type { Express, Request, Response } from "express"
import Redis from "ioredis"
import type { MedusaContainer } from "@medusajs/framework/types"
import { Modules } from "@medusajs/framework/utils"
import { generateJwtTokenForAuthIdentity } from "@medusajs/medusa/api/auth/utils/generate-jwt-token"
import { redisUrl, secret, storeUrl } from "../lib/settings"
import { log } from "../store/log"
import { form, page, REFUSED } from "./page"
import { claims } from "./token"

const PATH = "/-/admin-session"
const PROVIDER = "emailpass"
/** A working day; Medusa's own is ten hours. */
const SESSION_MS = 8 * 3_600_000
/** Longer than a token is good: a request that began in time may be slow. */
const KEPT_SECONDS = 3600

/** Signs the store's administrator in by a token of the platform's; after Medusa's own middleware, which has the session and the form. */
export function addAdminSession(app: Express, container: MedusaContainer): void {
  const redis = new Redis(redisUrl(), { lazyConnect: true, commandTimeout: 5000, maxRetriesPerRequest: 1 })
  // What fails is told by the command that failed.
  redis.on("error", () => undefined)
  app.get(PATH, (_, response) => form(response))
  app.post(PATH, async (request, response) => {
    try {
      await signIn(request, response, container, redis)
    } catch (error) {
      log("error", `admin-session: ${(error as Error).message}`)
      page(response.set("Retry-After", "5"), 503, "The store cannot sign anybody in just now. Try again in a moment.")
    }
  })
  app.all(PATH, (_, response) => page(response.set("Allow", "GET, HEAD, POST"), 405, "This address takes GET and POST."))
}

async function signIn(request: Request, response: Response, container: MedusaContainer, redis: Redis): Promise<void> {
  const { token } = request.body ?? {}
  const said = typeof token === "string" ? claims(token, secret("jwt-secret"), storeUrl(), Date.now() / 1000) : undefined
  // Of two at once Redis lets one in.
  if (!said || await redis.set(`store-weaver:session:${said.nonce}`, "", "EX", KEPT_SECONDS, "NX") === null) return page(response, 403, REFUSED)
  const auth = container.resolve(Modules.AUTH)
  const [user] = await container.resolve(Modules.USER).listUsers({ email: said.user })
  const [provided] = await auth.listProviderIdentities({ entity_id: said.user, provider: PROVIDER })
  const identity = provided?.auth_identity_id && await auth.retrieveAuthIdentity(provided.auth_identity_id, { relations: ["provider_identities"] })
  if (!user || !identity || identity.app_metadata?.user_id !== user.id) {
    return page(response, 409, `The store has no administrator “${said.user}” any more. Sign in at /app/login as the user that you made.`)
  }
  const context = payload(await generateJwtTokenForAuthIdentity(
    { authIdentity: identity, actorType: "user", authProvider: PROVIDER, container }, { secret: secret("jwt-secret"), expiresIn: "1m" },
  ))
  if (context.mfa_enabled) return page(response, 409, `“${said.user}” signs in with a second factor: do so at /app/login.`)
  // Not the session that somebody may have begun in this browser before.
  const session = request as unknown as { session: Session }
  await done((end) => session.session.regenerate(end))
  session.session.auth_context = context
  session.session.cookie.maxAge = SESSION_MS
  await done((end) => session.session.save(end))
  log("info", `the platform signed ${said.user} in for ${request.ip}`)
  response.set("Cache-Control", "no-store").redirect(303, "/app")
}

interface Session {
  auth_context?: object
  cookie: { maxAge: number }
  regenerate(end: (error?: unknown) => void): void
  save(end: (error?: unknown) => void): void
}

function done(work: (end: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => work((error) => error ? reject(error) : resolve()))
}

/** What a session of Medusa's holds: what its token for the same user says, without the token's own times. */
function payload(jwt: string): { mfa_enabled?: boolean } {
  const { iat: _, exp: __, ...context } = JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString())
  return context
}
