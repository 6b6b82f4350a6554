mod formats;
mod hermes;
mod hostile;
