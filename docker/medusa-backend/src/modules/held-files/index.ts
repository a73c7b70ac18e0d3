import { ModuleProvider, Modules } from "@medusajs/framework/utils"
import { HeldFiles } from "./service"

export default ModuleProvider(Modules.FILE, { services: [HeldFiles] })
