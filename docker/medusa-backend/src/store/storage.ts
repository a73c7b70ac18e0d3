import type { RequestHandler } from "express"
import { storeUrl, volumeSize, type Volume } from "../lib/settings"
import { uploadsUsed } from "../lib/uploads"
import type { Health } from "./health"

/**
 * What the volumes use and were asked for with, for the platform: it comes by the API server, under another host name than visitors, who
 * may come under several and always have the ingress controller's X-Real-Ip. A volume of which nothing is known is left out.
 */
export function storage(health: Health): RequestHandler {
  return async (request, response, next) => {
    if (request.headers["x-real-ip"] !== undefined || request.headers.host?.replace(/:\d+$/, "") === new URL(storeUrl()).hostname) return next()
    const used: [Volume, number | undefined][] = [
      ["database", await health.databaseBytes()], ["uploads", await uploadsUsed()], ["cache", await health.redisBytes()],
    ]
    response.set("Cache-Control", "no-store").json({
      volumes: used.flatMap(([name, usedBytes]) => {
        const sizeBytes = volumeSize(name)
        return usedBytes === undefined || sizeBytes === undefined ? [] : [{ name, usedBytes, sizeBytes }]
      }),
    })
  }
}
