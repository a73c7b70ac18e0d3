import { Component, type ReactNode } from 'react';
import { Empty } from './parts';

/** A fault of the page itself is told, instead of an empty screen. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Empty title="This page has a fault" icon="alert">
        <p>Your stores are not touched by it. Reloading usually helps; this may help whoever repairs it: {this.state.error.message}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>Reload</button>
      </Empty>
    );
  }
}
