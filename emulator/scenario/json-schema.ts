import { z } from 'zod';
import { COMMAND_NAMES, COMMANDS, type CommandDefinition } from './commands.ts';
import { HEADER, STEP_NAME, STEPS_MAX } from './scenario.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The format as JSON Schema (draft 2020-12), for editors. Made from the schemas that scenarios are
 * read by; what follows from the order of the steps is found by `fob scenario lint` only.
 */
export function scenarioJsonSchema(): JsonSchema {
  const header = inputSchema(HEADER);
  const { properties = {}, required = [] } = header;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A scenario of fob',
    type: 'object',
    properties: {
      ...properties,
      steps: { type: 'array', minItems: 1, maxItems: STEPS_MAX, items: { oneOf: stepSchemas() } },
    },
    required: [...required, 'steps'],
    additionalProperties: false,
  };
}

function stepSchemas(): JsonSchema[] {
  return COMMAND_NAMES.map((command) => ({
    type: 'object',
    properties: { name: inputSchema(STEP_NAME), [command]: argumentSchema(COMMANDS[command]) },
    required: [command],
    additionalProperties: false,
  }));
}

/** A map of fields, or the value of the one that needs no name, or nothing where none is needed. */
function argumentSchema({ fields, short, summary }: CommandDefinition): JsonSchema {
  const whole = inputSchema(fields);
  const property = short === undefined ? undefined : whole.properties?.[short];
  const optional = (whole.required ?? []).length === 0;
  const forms = [
    whole,
    ...(property === undefined || typeof property === 'boolean' ? [] : [property]),
    ...(optional ? [{ type: 'null' } as const] : []),
  ];
  const [only, second] = forms;
  return only !== undefined && second === undefined
    ? { description: summary, ...only }
    : { description: summary, anyOf: forms };
}

/** What a writer gives, before defaults and reading. */
function inputSchema(schema: z.ZodType): JsonSchema {
  const {
    $schema: _draft,
    '~standard': _standard,
    ...rest
  } = z.toJSONSchema(schema, {
    io: 'input',
  }) as JsonSchema & { readonly '~standard'?: unknown };
  return rest;
}
