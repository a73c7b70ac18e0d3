import type { Page } from "./answer"
import { address, html, Html } from "./html"
import { ownersPages } from "./owner"
import { countryName } from "./places"
import { languages } from "./texts"
import type { Visit } from "./visit"

/** A whole page: the store's frame around its content. */
export function layout(visit: Visit, page: Page, heads: { categories: { handle: string; title: string }[] }): Html {
  const { owner, texts, language, origin, assets } = visit
  const title = page.title === owner.name ? owner.name : `${page.title} – ${owner.name}`
  const description = page.description?.replace(/\s+/g, " ").trim().slice(0, 160)
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${description && html`<meta name="description" content="${description}">`}
${page.canonical ? html`<link rel="canonical" href="${origin + page.canonical}">` : html`<meta name="robots" content="noindex">`}
<meta property="og:title" content="${page.title}">
<meta property="og:site_name" content="${owner.name}">
<meta property="og:type" content="website">
${page.canonical && html`<meta property="og:url" content="${origin + page.canonical}">`}
${description && html`<meta property="og:description" content="${description}">`}
${page.picture && html`<meta property="og:image" content="${origin + page.picture.path}">`}
${page.onward && html`<meta http-equiv="refresh" content="0; url=${page.onward}">`}
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${assets}/storefront.css">
${owner.colour && html`<link rel="stylesheet" href="${address`/theme.css?colour=${owner.colour}`}">`}
<script type="module" src="/assets/${assets}/storefront.js"></script>
${page.data?.map(Html.data)}
</head>
<body>
<a class="skip" href="#content">${texts.skip}</a>
${header(visit, heads.categories)}
<main id="content" tabindex="-1">
${page.notice && html`<p class="notice" role="status">${texts.notices[page.notice]}</p>`}
${page.body}
</main>
${footer(visit)}
</body>
</html>
`
}

function header(visit: Visit, categories: { handle: string; title: string }[]): Html {
  const { owner, texts } = visit
  return html`<header>
${owner.banner && html`<p class="banner">${owner.banner}</p>`}
<div class="top">
<a class="name" href="/">${owner.logo ? html`<img src="${owner.logo}" alt="${owner.name}" height="40">` : owner.name}</a>
<form class="search" role="search" action="/products">
<label class="hidden" for="q">${texts.search}</label>
<input id="q" name="q" type="search" maxlength="100" placeholder="${texts.search}"><button>${texts.search}</button>
</form>
<nav aria-label="${texts.account}"><ul>
<li><a href="/account">${visit.customer ? texts.account : texts.signIn}</a></li>
<li><a href="/cart">${texts.cart(visit.cartCount)}</a></li>
</ul></nav>
<nav class="menu" aria-label="${texts.menu}"><ul>
<li><a href="/products">${texts.allProducts}</a></li>
${categories.slice(0, 8).map((it) => html`<li><a href="${address`/categories/${it.handle}`}">${it.title}</a></li>`)}
</ul></nav>
</div>
</header>`
}

function footer(visit: Visit): Html {
  const { owner, texts, regions, place, language } = visit
  const pages = ownersPages.filter((page) => owner.pages[page])
  const countries = regions.flatMap((it) => it.countries).map((code) => ({ code, name: countryName(code, language) }))
    .sort((one, other) => one.name.localeCompare(other.name, language))
  return html`<footer>
${pages.length > 0 && html`<nav aria-label="${texts.information}"><ul>
${pages.map((page) => html`<li><a href="/pages/${page}">${texts[page]}</a></li>`)}
</ul></nav>`}
<form class="preferences" method="post" action="/preferences" data-submits>
<input type="hidden" name="back" value="${visit.url}">
${countries.length > 1 && html`<label>${texts.country} <select name="country" autocomplete="off">
${countries.map(({ code, name }) => html`<option value="${code}"${code === place.country && html` selected`}>${name}</option>`)}
</select></label>`}
<label>${texts.languageChoice} <select name="language" autocomplete="off">
${Object.entries(languages).map(([code, it]) => html`<option value="${code}" lang="${code}"${code === language && html` selected`}>${it.language}</option>`)}
</select></label>
<button>${texts.apply}</button>
</form>
<p>© ${owner.name}</p>
</footer>`
}
