import { qrCode, qrPath } from '../text/qr';
import { Dialog } from './Dialog';

/** An address for a phone's camera. `name`: of the file that can be kept. */
export function QRDialog({ text, name, onClose }: { text: string; name: string; onClose: () => void }) {
  const code = qrCode(text);
  const drawn = code && qrPath(code);
  const image = drawn && `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawn.side} ${drawn.side}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="${drawn.path}"/></svg>`;
  function keep() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([image!], { type: 'image/svg+xml' }));
    link.download = `${name}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  }
  return (
    <Dialog title="QR code" onClose={onClose} onSubmit={onClose} footer={
      <>
        {drawn && <button type="button" onClick={keep}>Download</button>}
        <button type="submit" className="primary">Close</button>
      </>
    }>
      {drawn ? (
        <svg className="qr" role="img" aria-label={`QR code of ${text}`} viewBox={`0 0 ${drawn.side} ${drawn.side}`} shapeRendering="crispEdges">
          <rect width="100%" height="100%" fill="#fff" />
          <path d={drawn.path} fill="#000" />
        </svg>
      ) : <p>The address is too long for a code that a camera reads.</p>}
      <p className="quiet">{text}</p>
    </Dialog>
  );
}
