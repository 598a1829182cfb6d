//! Users that ask for / one after the other: what goose needs to be measured beside Tenfold.
use goose::prelude::*;

async fn index(user: &mut GooseUser) -> TransactionResult {
    user.get("").await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    GooseAttack::initialize()?
        .register_scenario(scenario!("bench").register_transaction(transaction!(index)))
        .execute()
        .await?;
    Ok(())
}
