namespace Stylebridge.Wire
{
    /// <summary>How far a sender is.</summary>
    public enum SenderState
    {
        /// <summary>No collector has answered on this link yet.</summary>
        Connecting,

        /// <summary>Frames flow.</summary>
        Streaming,

        /// <summary>The collector wants nothing from this game; only a new sender can try again.</summary>
        Refused,

        /// <summary>The sender was closed.</summary>
        Closed,
    }
}
