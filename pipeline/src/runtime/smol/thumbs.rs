//! stub
pub(crate) async fn thumbs(
    _executor: &std::sync::Arc<smol::Executor<'static>>,
    _options: &crate::cli::Thumbs,
    _interrupted: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    Ok(())
}
