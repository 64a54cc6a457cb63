export function setupPython(where: {
  root: string;
  venv: string;
  logs: string;
  say: (line: string) => void;
}): Promise<{ python: string }>;
