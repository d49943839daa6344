import { showsMachine, type ViewRule } from '../../engine/ports/view-rules.js';
import { realOrNull } from './real-path.js';

/** Builds the rules of a view, each over the ones before it. */
export class ViewBuilder {
  readonly rules: ViewRule[] = [{ path: '/', access: 'read' }];

  add(path: string, access: ViewRule['access'], more: Partial<ViewRule> = {}): void {
    this.rules.push({ path, access, ...more });
  }

  /** Hides what is there and still shown. */
  hide(path: string): void {
    const real = realOrNull(path);
    if (real !== null && real !== '/' && showsMachine(this.rules, real)) this.add(real, 'none');
  }

  /** Shows what is there and not shown yet. */
  show(path: string): void {
    const real = realOrNull(path);
    if (real === null || showsMachine(this.rules, real)) return;
    this.add(real, 'read', { isOptional: true });
  }
}
