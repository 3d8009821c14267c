// Calls 05's shop from Node, with the contract read while it runs.
//
// npm install @grpc/grpc-js @grpc/proto-loader
// node get_order.js
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const address = process.argv[2] ?? '127.0.0.1:50051';
const contract = loader.loadSync('order_management.proto', { includeDirs: ['proto/05_get_order'] });
const { OrderManagement } = grpc.loadPackageDefinition(contract).ecommerce;
const shop = new OrderManagement(address, grpc.credentials.createInsecure());
const deadline = () => ({ deadline: Date.now() + 5000 });

// Calls take a callback. A promise reads better.
const getOrder = (value) =>
  new Promise((resolve, reject) =>
    shop.getOrder({ value }, deadline(), (error, order) => (error ? reject(error) : resolve(order))));

async function main() {
  const order = await getOrder('106');
  console.log(`${order.id}: ${order.items.join(', ')}`);
  for await (const order of shop.searchOrders({ value: 'Google' }, deadline())) {
    console.log(`found ${order.id}`);
  }
  try {
    await getOrder('7');
  } catch (error) {
    console.log(grpc.status[error.code], error.details);
  }
  shop.close();
}

main();
