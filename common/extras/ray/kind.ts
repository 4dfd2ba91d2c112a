export const ray = 'ray' as const;
