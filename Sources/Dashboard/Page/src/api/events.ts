// The text of an event stream, taken apart (text/event-stream; the API ends its lines by LF). Pure.

export interface ServerEvent {
  /** Empty: a comment, or an event that nobody named. */
  name: string;
  id: string | null;
  data: string;
}

/** Puts events together from pieces of text, which may end anywhere. */
export class EventParser {
  private rest = '';

  /** The events that this piece completes. */
  push(piece: string): ServerEvent[] {
    const blocks = (this.rest + piece).split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.map(event);
  }
}

function event(block: string): ServerEvent {
  const event: ServerEvent = { name: '', id: null, data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event.name = line.slice(7);
    else if (line.startsWith('id: ')) event.id = line.slice(4);
    else if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  event.data = data.join('\n');
  return event;
}
