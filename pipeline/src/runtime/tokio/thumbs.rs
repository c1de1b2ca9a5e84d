//! stub
pub(crate) async fn thumbs(
    _options: &crate::cli::Thumbs,
    _interrupted: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    Ok(())
}
