using System;
using System.Globalization;
using System.Net;

namespace Stylebridge.Wire
{
    /// <summary>Where a collector is called; only loopback without keys.</summary>
    public static class Endpoint
    {
        /// <summary>The form that ZeroMQ takes, from <c>tcp://HOST:PORT</c>, <c>HOST:PORT</c> or <c>HOST</c>.</summary>
        public static string Parse(string text, bool hasKeys)
        {
            string rest = (text ?? "").Trim();
            foreach (string scheme in new[] { "tcp://", "zmq://" })
            {
                rest = rest.StartsWith(scheme, StringComparison.Ordinal) ? rest.Substring(scheme.Length) : rest;
            }
            int colon = rest.LastIndexOf(':');
            bool hasPort = colon > rest.LastIndexOf(']');
            string host = hasPort ? rest.Substring(0, colon) : rest;
            int port = WireConstants.DefaultPort;
            bool isFit = host.Length > 0 && host.IndexOfAny(new[] { ' ', '/', '*' }) < 0
                && (host.IndexOf(':') < 0 || (host[0] == '[' && host[host.Length - 1] == ']'));
            bool isPort = !hasPort
                || int.TryParse(rest.Substring(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port);
            if (!isFit || !isPort || port < 1 || port > 65535)
            {
                throw new StylebridgeException(
                    "address " + StylebridgeException.Quote(text ?? ""),
                    "HOST:PORT such as tcp://127.0.0.1:" + WireConstants.DefaultPort);
            }
            if (!hasKeys && !IsLoopback(host.Trim('[', ']')))
            {
                throw new StylebridgeException(
                    "an address outside this machine and no keys", "a loopback address, or keys",
                    "make keys with: stylebridge keys new", text);
            }
            return "tcp://" + host + ":" + port.ToString(CultureInfo.InvariantCulture);
        }

        /// <summary>Whether a parsed endpoint is on this machine, and called so.</summary>
        internal static bool IsLocal(string endpoint)
        {
            string host = endpoint.Substring("tcp://".Length);
            return IsLoopback(host.Substring(0, host.LastIndexOf(':')).Trim('[', ']'));
        }

        private static bool IsLoopback(string host)
        {
            return host == "localhost"
                || (IPAddress.TryParse(host, out IPAddress address) && IPAddress.IsLoopback(address));
        }
    }
}
