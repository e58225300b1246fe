// Runs from a folder where its packages are installed; what of them is used here is described here.

interface Decorators {
  readonly Controller: () => ClassDecorator;
  readonly Module: (metadata: object) => ClassDecorator;
}

interface Microservices {
  readonly Transport: { readonly MQTT: number };
  readonly EventPattern: (pattern: string) => MethodDecorator;
  readonly Payload: () => ParameterDecorator;
}

interface Core {
  readonly NestFactory: {
    createMicroservice(module: unknown, options: object): Promise<{ listen(): Promise<unknown> }>;
  };
}

interface Orm {
  readonly EntitySchema: new (options: object) => object;
  readonly DataSource: new (options: object) => {
    initialize(): Promise<{ getRepository(entity: object): { insert(rows: readonly object[]): Promise<unknown> } }>;
  };
}

interface Message {
  readonly r: readonly {
    readonly d: string;
    readonly t: number;
    readonly n: number;
    readonly c: number;
    readonly h: number;
  }[];
}

/** Not a literal: there is nothing of that name where this is compiled. */
const load = async <Module>(name: string): Promise<Module> => (await import(name)) as Module;

const [url = '', clientId = '', filter = '', databaseUrl = ''] = process.argv.slice(2);
await load('reflect-metadata');
const { Controller, Module } = await load<Decorators>('@nestjs/common');
const { NestFactory } = await load<Core>('@nestjs/core');
const { EventPattern, Payload, Transport } = await load<Microservices>('@nestjs/microservices');
const { DataSource, EntitySchema } = await load<Orm>('typeorm');

const reading = new EntitySchema({
  name: 'reading',
  schema: 'peer',
  columns: {
    logger: { type: 'text', primary: true },
    at: { type: 'timestamptz', primary: true },
    n: { type: 'int8', primary: true },
    celsius: { type: 'float8' },
    humidity: { type: 'float8' },
  },
});
const source = await new DataSource({ type: 'postgres', url: databaseUrl, entities: [reading] }).initialize();
const repository = source.getRepository(reading);

class Readings {
  async take(message: Message): Promise<void> {
    const rows = message.r.map(({ d, t, n, c, h }) => ({ logger: d, at: new Date(t), n, celsius: c, humidity: h }));
    await repository.insert(rows);
  }
}
const handler = Object.getOwnPropertyDescriptor(Readings.prototype, 'take') as PropertyDescriptor;
EventPattern(filter)(Readings.prototype, 'take', handler);
Payload()(Readings.prototype, 'take', 0);
Controller()(Readings);

class Application {}
Module({ controllers: [Readings] })(Application);

const service = await NestFactory.createMicroservice(Application, {
  transport: Transport.MQTT,
  options: { url, clientId, clean: false, protocolVersion: 4, subscribeOptions: { qos: 1 } },
  logger: ['error'],
});
await service.listen();
