/** The debug adapter as the extension starts it: one session on stdio. */
import { serveStdio } from './dap';

void serveStdio();
