import { useRef } from 'react';

/** One wish has one key: should the answer get lost, asking again does not make a second store. */
export function useWishKey(): (body: object) => string {
  const key = useRef({ wish: '', value: '' });
  return (body) => {
    const wish = JSON.stringify(body);
    if (key.current.wish !== wish) key.current = { wish, value: Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-') };
    return key.current.value;
  };
}
