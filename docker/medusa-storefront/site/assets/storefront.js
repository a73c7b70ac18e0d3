// What makes the pages quicker to use; without it all of them work.

// A form is sent once, however often it is clicked.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true }))
}
// Back from another page, a browser may show this one as it was left.
addEventListener("pageshow", () => { for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false })

// A changed choice is sent at once.
for (const form of document.querySelectorAll("form[data-submits]")) {
  form.addEventListener("change", () => form.requestSubmit())
}

// A billing address counts when it is asked for; the browser says then what is missing.
const billing = document.querySelector("#billing")
billing?.addEventListener("change", insist)
if (billing) insist()

function insist() {
  for (const field of document.querySelectorAll(".billing [data-needed]")) field.required = billing.checked
}

// A product's variants: one list for each of its options in place of one for all variants.
const variants = document.querySelector("select#variant")
if (variants) splitVariants(variants)

function splitVariants(select) {
  const all = [...select.options].filter((option) => option.value !== "").map((option) => ({
    option, values: JSON.parse(option.dataset.values), price: option.dataset.price, stock: option.dataset.stock,
  }))
  const titles = JSON.parse(all[0].option.dataset.titles)
  if (titles.length === 0 || all.some(({ values }) => values.includes(""))) return
  const field = select.closest(".field")
  const said = Object.assign(document.createElement("p"), { role: "status" })
  const lists = titles.map((title, index) => {
    const label = Object.assign(document.createElement("label"), { htmlFor: `choice-${index}`, textContent: title })
    const list = Object.assign(document.createElement("select"), { id: `choice-${index}`, required: true, autocomplete: "off" })
    list.append(...["", ...new Set(all.map(({ values }) => values[index]))].map((value) => new Option(value, value)))
    const part = Object.assign(document.createElement("p"), { className: "field" })
    part.append(label, list)
    field.before(part)
    list.addEventListener("change", choose)
    return list
  })
  field.before(said)
  field.hidden = true
  select.required = false
  const price = document.querySelector("p[data-price]")
  const before = [...price.childNodes]
  choose()

  function choose() {
    for (const [index, list] of lists.entries()) {
      for (const option of list.options) {
        option.disabled = option.value !== "" && !all.some(({ values, option: { disabled } }) => !disabled && values[index] === option.value
          && lists.every((other, at) => at === index || other.value === "" || values[at] === other.value))
      }
    }
    const chosen = all.find(({ values }) => lists.every((list, index) => list.value === values[index]))
    select.value = chosen?.option.value ?? ""
    said.textContent = chosen?.stock ?? ""
    if (chosen) price.textContent = chosen.price
    else price.replaceChildren(...before)
  }
}
