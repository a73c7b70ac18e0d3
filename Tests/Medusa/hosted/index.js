// A payment provider of the tests for Medusa: its customers pay at a page of its own, at HOSTED_URL, and are led back.
const { AbstractPaymentProvider, ModuleProvider, Modules } = require("@medusajs/framework/utils")

class Hosted extends AbstractPaymentProvider {
  static identifier = "hosted"

  async ask(path, body) {
    const answer = await fetch(process.env.HOSTED_URL + path, { method: body ? "POST" : "GET", body: body && JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return answer.json()
  }

  async initiatePayment({ amount, currency_code, data }) {
    const { id, redirect_url } = await this.ask("/sessions", { amount, currency_code, return_url: data.return_url })
    return { id, status: "pending", data: { id, redirect_url } }
  }

  async authorizePayment({ data }) {
    const { status } = await this.ask(`/sessions/${data.id}`)
    return { status, data }
  }

  async getPaymentStatus(input) { return this.authorizePayment(input) }
  async retrievePayment({ data }) { return { data } }
  async updatePayment({ data }) { return { status: "pending", data } }
  async deletePayment({ data }) { return { data } }
  async cancelPayment({ data }) { return { data } }
  async capturePayment({ data }) { return { data } }
  async refundPayment({ data }) { return { data } }
  async getWebhookActionAndData() { return { action: "not_supported" } }
}

module.exports = ModuleProvider(Modules.PAYMENT, { services: [Hosted] })
