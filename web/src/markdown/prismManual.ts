/** Must run before Prism: keeps it from colouring the page by itself. */
(globalThis as Record<string, unknown>).Prism = { manual: true, disableWorkerMessageHandler: true };
export {};
