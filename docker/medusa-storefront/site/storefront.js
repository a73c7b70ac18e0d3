// Catalogue and checkout over Medusa's Store API, at the address that served this page.
const element = (id) => document.getElementById(id)
const say = (text) => { element("message").textContent = text }
let config, region, chosen

async function ask(path, body) {
  const response = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "content-type": "application/json", ...(config && { "x-publishable-api-key": config.publishableKey }) },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw Object.assign(new Error(answer.message ?? `${path}: ${response.status}`), { status: response.status })
  return answer
}

/** Two orders of one customer at once: Medusa refuses the second for a moment. */
async function askAgain(path, body) {
  for (const pause of [100, 200, 400, 800, 1600]) {
    try {
      return await ask(path, body)
    } catch (error) {
      if (error.status !== 409 && !(error.status === 400 && error.message.includes("already exists"))) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return ask(path, body)
}

function show(product) {
  const variant = product.variants[0]
  const item = document.createElement("li")
  const title = Object.assign(document.createElement("h2"), { textContent: product.title })
  const text = Object.assign(document.createElement("p"), { textContent: product.description ?? "" })
  const amount = variant?.calculated_price?.calculated_amount
  const price = new Intl.NumberFormat(undefined, { style: "currency", currency: config.currency.toUpperCase() }).format(amount ?? 0)
  const button = Object.assign(document.createElement("button"), { textContent: `Buy for ${price}`, disabled: amount == null })
  button.onclick = () => {
    chosen = variant.id
    element("chosen").textContent = `${product.title}, ${price} plus delivery`
    element("checkout").hidden = false
    element("checkout").elements.email.focus()
  }
  item.append(title, text, button)
  element("products").append(item)
}

async function order(event) {
  event.preventDefault()
  const form = event.target
  const { email, ...address } = Object.fromEntries(new FormData(form))
  form.querySelector("button").disabled = true
  try {
    const { cart } = await askAgain("/store/carts", {
      region_id: region.id, email, items: [{ variant_id: chosen, quantity: 1 }],
      shipping_address: { ...address, country_code: region.countries[0].iso_2 },
    })
    const { shipping_options } = await ask(`/store/shipping-options?cart_id=${cart.id}`)
    if (!shipping_options.length) throw new Error("There is no delivery to this address")
    await ask(`/store/carts/${cart.id}/shipping-methods`, { option_id: shipping_options[0].id })
    const { payment_collection } = await ask("/store/payment-collections", { cart_id: cart.id })
    await ask(`/store/payment-collections/${payment_collection.id}/payment-sessions`, { provider_id: "pp_system_default" })
    const done = await askAgain(`/store/carts/${cart.id}/complete`, {})
    if (done.type !== "order") throw new Error(done.error?.message ?? "The order was refused")
    form.hidden = true
    say(`Thank you. Your order has the number ${done.order.display_id}.`)
  } catch (error) {
    say(`The order did not go through: ${error.message}`)
  } finally {
    form.querySelector("button").disabled = false
  }
}

try {
  config = await ask("/storefront/config")
  document.title = element("name").textContent = config.name
  ;({ region } = await ask(`/store/regions/${config.regionId}`))
  const { products } = await ask(`/store/products?region_id=${region.id}&fields=*variants.calculated_price&limit=100`)
  products.forEach(show)
  say(products.length ? "" : "There is nothing to buy yet.")
  element("checkout").onsubmit = order
} catch (error) {
  say(`The store cannot be reached: ${error.message}`)
}
