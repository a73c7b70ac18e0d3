/** What is to be typed before something that cannot be taken back is done. */
export function TypedName({ wanted, typed, type }: { wanted: string; typed: string; type: (text: string) => void }) {
  return (
    <label className="field">
      <span>Type <strong className="typed">{wanted}</strong> to confirm</span>
      <input data-autofocus value={typed} autoComplete="off" onChange={(event) => type(event.target.value)} />
    </label>
  );
}
