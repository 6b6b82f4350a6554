mod conversation;
mod formats;
mod hermes;
mod hostile;
