/**
 * The configured server whose tool a call names (`mcp_<server>_<tool>`, kiro/README S9). Names may hold `_`, so a call that
 * fits more than one of them, or none, belongs to none: null.
 */
export function mcpServerOf(toolName: string, configured: readonly string[]): string | null {
  const fitting = configured.filter((name) => toolName.startsWith(`mcp_${name}_`));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** Whether Kiro calls a tool as those of MCP servers are called. */
export function isMcpTool(toolName: string): boolean {
  return toolName.startsWith('mcp_');
}
