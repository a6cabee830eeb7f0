namespace Stylebridge.Wire
{
    /// <summary>What a collector's ERROR means for the one who gets it.</summary>
    internal enum Complaint
    {
        /// <summary>Nothing beyond being counted.</summary>
        Noted,

        /// <summary>The link isn't known any more: HELLO at once.</summary>
        HelloNow,

        /// <summary>Taken in later, or by the next collector: HELLO after a moment.</summary>
        HelloLater,

        /// <summary>The session is refused for good.</summary>
        Refusal,
    }

    /// <summary>Weighs a collector's ERROR.</summary>
    internal static class Complaints
    {
        internal static Complaint Weigh(ErrorMessage message, WireError error, bool isStreaming)
        {
            switch (error)
            {
                case WireError.NoHello:
                    return Complaint.HelloNow;
                case WireError.PeersFull:
                case WireError.Closing:
                case WireError.Flood: // the link is forgotten, the session is not
                    return Complaint.HelloLater;
                default:
                    // The link was welcomed, so a refused HELLO comes from one that doesn't know it any more.
                    return !message.Fatal ? Complaint.Noted
                        : isStreaming && message.Step == "hello" ? Complaint.HelloNow : Complaint.Refusal;
            }
        }
    }
}
