/** In a browser's worker: runs the guests it is sent a kernel for, and answers with what came of them. */
import type { BootImage } from '../../emulator/api';
import { runGuests } from './guest-runs';

/** What a worker has of the Web's API, whose types would hide Node's. */
interface WorkerScope {
  onmessage: ((event: { readonly data: BootImage }) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(runGuests(data, true));
