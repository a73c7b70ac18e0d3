import type { MedusaContainer } from "@medusajs/framework/types"
import { Modules } from "@medusajs/framework/utils"
import { log } from "./log"
import type { State } from "./state"

const PROVIDER = "emailpass"

/** Makes the account, or gives it the new password. One that its owner deleted comes back, since a new password was asked for. */
export async function applyAdministrator(container: MedusaContainer, { email, password }: Required<State["administrator"]>): Promise<void> {
  const auth = container.resolve(Modules.AUTH)
  const users = container.resolve(Modules.USER)
  const [provided] = await auth.listProviderIdentities({ entity_id: email, provider: PROVIDER })
  let identity = provided?.auth_identity_id
  if (provided) {
    await auth.updateProviderIdentities({ id: provided.id, provider_metadata: { ...provided.provider_metadata, password } })
  } else {
    const made = await auth.createAuthIdentities({ provider_identities: [{ provider: PROVIDER, entity_id: email, provider_metadata: { password } }] })
    identity = made.id
  }
  const [user] = await users.listUsers({ email })
  const { id } = user ?? await users.createUsers({ email })
  // Of an account that was deleted, the old id may stand there: Medusa's own workflow would refuse it.
  await auth.updateAuthIdentities({ id: identity!, app_metadata: { user_id: id } })
  log("info", "set-up: the administrator's account has the Secret's password")
}
