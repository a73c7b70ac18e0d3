import { folded, type Shelf } from "./catalogue"

/** A search corrects so many words of so many letters at most, so that nonsense costs no more than a page. */
const [MOST_WORDS, MOST_LETTERS, LEAST_LETTERS] = [4, 24, 4]
const vocabularies = new WeakMap<Shelf, Map<string, number>>()

/** What was probably meant by a search that finds nothing: words of products' names in place of those that nearly are. */
export function meant(search: string, shelf: Shelf): string | undefined {
  const words = wordsOf(search)
  if (words.length > MOST_WORDS) return undefined
  const known = vocabulary(shelf)
  const corrected = words.map((word) => [...known.keys()].some((it) => it.includes(word)) ? word : nearest(word, known))
  const text = corrected.join(" ")
  return corrected.every((it) => it !== undefined) && text !== words.join(" ") ? text : undefined
}

/** One letter may be wrong, missing, too many or swapped with the next; two in a long word. Of words equally near, the one of more products. */
function nearest(word: string, known: Map<string, number>): string | undefined {
  if (word.length < LEAST_LETTERS || word.length > MOST_LETTERS) return undefined
  let best: { word: string; errors: number; count: number } | undefined
  for (const [other, count] of known) {
    const errors = distance(word, other, word.length < 8 ? 1 : 2)
    if (errors !== undefined && (!best || errors < best.errors || (errors === best.errors && count > best.count))) best = { word: other, errors, count }
  }
  return best?.word
}

function vocabulary(shelf: Shelf): Map<string, number> {
  let known = vocabularies.get(shelf)
  if (!known) {
    vocabularies.set(shelf, known = new Map())
    for (const { title } of shelf.entries) for (const word of new Set(wordsOf(title))) known.set(word, (known.get(word) ?? 0) + 1)
  }
  return known
}

function wordsOf(text: string): string[] {
  return folded(text).split(/[^\p{Letter}\p{Number}]+/u).filter((it) => it !== "")
}

/** Optimal string alignment, up to `most`. */
function distance(one: string, other: string, most: number): number | undefined {
  if (Math.abs(one.length - other.length) > most) return undefined
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)]
  for (let row = 1; row <= one.length; row++) {
    const line = [row]
    for (let at = 1; at <= other.length; at++) {
      const isSame = one[row - 1] === other[at - 1]
      line[at] = Math.min(last[at] + 1, line[at - 1] + 1, last[at - 1] + (isSame ? 0 : 1))
      if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]) line[at] = Math.min(line[at], before[at - 2] + 1)
    }
    if (Math.min(...line) > most) return undefined
    ;[before, last] = [last, line]
  }
  return last[other.length] <= most ? last[other.length] : undefined
}
