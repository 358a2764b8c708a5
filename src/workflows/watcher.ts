/** Every workflow that the watcher runs: a bundle of its own, so that order workers carry none of it. */
export { reconcile } from './reconcile';
export { sweep } from './sweep';
