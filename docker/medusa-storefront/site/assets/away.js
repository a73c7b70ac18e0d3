// Asks again until the store is back, then shows the page that was asked for.
const PAUSE_MS = 5000

async function ask() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => undefined)
  if (answer && answer.status !== 503) location.replace(location.href)
  else setTimeout(ask, PAUSE_MS)
}

setTimeout(ask, PAUSE_MS)
