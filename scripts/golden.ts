// npm run golden [-- WORD ...]: runs the tests with the order to write their goldens anew instead of
// comparing with them. Look at the difference before you commit it.
process.env['RUNGWISE_UPDATE_GOLDENS'] = '1';
await import('./test.ts');
